"""Small modules that torch.nn lacks. An export copies the ones it needs, as they stand here.

Each class uses ``torch`` and ``nn`` and nothing else.
"""
