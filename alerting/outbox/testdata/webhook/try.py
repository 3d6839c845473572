# Reads {"secret", "headers", "body"} and says whether verify.py takes it for genuine.
import json, sys
from verify import genuine

one = json.load(sys.stdin)
print("genuine" if genuine(one["secret"].encode(), one["headers"], one["body"].encode()) else "refused")
