"""So that `python -m westphalia` is the command `westphalia`."""

from .cli import main

if __name__ == "__main__":
    main()
