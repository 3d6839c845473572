package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"
)

func genuine(secret []byte, h http.Header, body []byte) bool {
	stamp := h.Get("X-Earshot-Timestamp")
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(stamp + "." + h.Get("X-Earshot-Delivery") + "."))
	mac.Write(body)
	want := "v1=" + hex.EncodeToString(mac.Sum(nil))
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || time.Since(time.Unix(seconds, 0)).Abs() > 5*time.Minute {
		return false
	}
	for _, one := range strings.Split(h.Get("X-Earshot-Signature"), ",") {
		if hmac.Equal([]byte(strings.TrimSpace(one)), []byte(want)) {
			return true
		}
	}
	return false
}
