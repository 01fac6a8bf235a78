"""What a chapter needs beside its notebook: the only room that knows chapters."""
