"""What was found out about this machine, this repository and this network: values only, without a secret in them.

A report consists of them; whatever a verdict is made of is here. Each file holds what one kind of question gives.
Everything has a default, so that a report of another version can be read as far as it goes.
"""
