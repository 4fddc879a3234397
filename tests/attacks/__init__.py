"""Attacks on the draw, told as a journalist would: each succeeds on a weakened build only.

| attack | file |
|---|---|
| many seals for one round, also after a kill and from a restored copy | test_grinding |
| platform and notary together | test_notary_bought |
| chances chosen after the entries | test_chances_after_entries |
| another lane, another round | test_moving_people |
| an entry dropped after its receipt; one entry for two people | test_dropped_and_shared |
| two logs for two audiences; a database set back | test_two_histories |
| winners, stock, vouchers edited later; a cancelled win given away | test_edited_later |
| pseudonyms guessed; ghosts entering | test_pseudonyms |
| staff and excluded people winning | test_excluded_people |
| a verifier that always says yes | test_verifier_that_says_yes |
| an outage at every step | test_outages |

The weakened pieces stand in `weakened.py` and are passed in as arguments.
"""
