"""The command `westphalia`: one small file a group of commands; anything heavy is imported when it is needed."""

from .app import app, main

__all__ = ["app", "main"]
