"""``python -m lstm_lib.exchange.vectors check FILE``: which number of a file differs first."""

import sys

from lstm_lib.exchange.vectors.compare import main

sys.exit(main())
