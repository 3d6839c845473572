package main

import (
	"math"
	"strconv"
	"strings"
)

// ratio is a share: "0.01" or "1%".
type ratio struct {
	value float64
	set   bool
}

func (r *ratio) Set(s string) error {
	v, err := parseRatio(s)
	if err != nil {
		return err
	}
	r.value, r.set = v, true
	return nil
}

func (r *ratio) String() string {
	if r == nil || !r.set {
		return ""
	}
	return strconv.FormatFloat(r.value, 'g', -1, 64)
}

func parseRatio(s string) (float64, error) {
	number, percent := strings.CutSuffix(s, "%")
	v, err := strconv.ParseFloat(number, 64)
	if percent {
		v /= 100
	}
	if err != nil || math.IsNaN(v) || v < 0 || v > 1 {
		return 0, usageError("want a ratio from 0 to 1, or a percentage like 1%%")
	}
	return v, nil
}
