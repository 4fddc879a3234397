"""The browser's verifier, run under Node beside the house's own."""
