"""The house of the notary and of the auditor: a small signer with its own book.  公证签发

It imports the rules of the draw and nothing else of the platform, so that the office which runs it
can read all of it in an afternoon.
"""
