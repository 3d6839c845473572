import hashlib, hmac, time

def genuine(secret: bytes, headers, body: bytes, max_age=300) -> bool:
    stamp, delivery = headers["X-Earshot-Timestamp"], headers["X-Earshot-Delivery"]
    signed = f"{stamp}.{delivery}.".encode() + body
    want = "v1=" + hmac.new(secret, signed, hashlib.sha256).hexdigest()
    given = [part.strip() for part in headers["X-Earshot-Signature"].split(",")]
    return any(hmac.compare_digest(want, one) for one in given) and abs(time.time() - int(stamp)) <= max_age
