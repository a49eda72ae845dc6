"""Given a budget of multiply-adds, which network should I build: the tool that answers.

text > space > graph > cost > module > score > study > report
"""

__version__ = "0.1.0"
