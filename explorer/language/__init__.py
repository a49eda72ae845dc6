"""Text to syntax and back. Knows the grammar and no op."""

from explorer.language.parser import parse
from explorer.language.printer import print_syntax

__all__ = ["parse", "print_syntax"]
