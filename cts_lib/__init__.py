"""What it costs to serve each customer, and what to do about it: a workbook in five stages."""

import warnings

# The table contracts import pyspark where it is installed, and it warns of pandas 3 even where nobody uses it.
warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas", category=FutureWarning)
