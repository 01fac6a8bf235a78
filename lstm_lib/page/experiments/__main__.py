import sys

from lstm_lib.page.experiments import found
from lstm_lib.page.measure.run import main

sys.exit(main(found()))
