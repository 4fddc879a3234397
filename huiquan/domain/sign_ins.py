"""Sign-ins with a PIN or a password: how many wrong tries, and how long the bar stays.  登录保护"""

from datetime import timedelta

WRONG_TRIES_MAX = 5
BARRED_FOR = timedelta(minutes=15)
