import sys
from pathlib import Path

# The scripts stand alone, and find one another as Python finds what lies beside a script.
sys.path.append(str(Path(__file__).resolve().parents[2] / "bootstrap"))
