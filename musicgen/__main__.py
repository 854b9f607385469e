"""``python -m musicgen``: the same as the command ``musicgen``."""

from musicgen.cli import main

if __name__ == "__main__":
    main()
