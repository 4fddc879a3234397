"""The signer: keys, book, rules, and the door, with real processes where a crash matters."""
