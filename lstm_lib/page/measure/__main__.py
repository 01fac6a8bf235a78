import sys

from lstm_lib.page.measure.run import main

sys.exit(main())
