"""``python -m lstm_lib.exchange.vectors``: ``check`` a file, ``make`` one, ``list`` the layers."""

import sys

from lstm_lib.exchange.vectors.compare import main

sys.exit(main())
