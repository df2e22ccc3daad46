// Package size reads sizes as people write them: 32MiB and 32M are binary, 32MB is decimal.
package size

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

var units = map[string]int64{
	"": 1, "b": 1,
	"k": 1 << 10, "kib": 1 << 10, "kb": 1e3,
	"m": 1 << 20, "mib": 1 << 20, "mb": 1e6,
	"g": 1 << 30, "gib": 1 << 30, "gb": 1e9,
	"t": 1 << 40, "tib": 1 << 40, "tb": 1e12,
}

// Parse gives the bytes that text stands for. Fractions, signs and blanks inside are refused.
func Parse(text string) (int64, error) {
	digits := strings.TrimRight(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
	unit, known := units[strings.ToLower(text[len(digits):])]
	if !known {
		return 0, fmt.Errorf("%q is not a size: unknown unit %q (use B, K, KiB, KB, M, MiB, MB, G, GiB, GB)", text, text[len(digits):])
	}
	number, err := strconv.ParseUint(digits, 10, 63)
	if err != nil || digits[0] == '+' {
		return 0, fmt.Errorf("%q is not a size: want a whole number and a unit, such as 32MiB", text)
	}
	if int64(number) > math.MaxInt64/unit {
		return 0, fmt.Errorf("%q is more bytes than can be counted", text)
	}
	return int64(number) * unit, nil
}

// Format shows bytes for people, exact where they are whole units.
func Format(bytes int64) string {
	for _, unit := range []struct {
		name  string
		bytes int64
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if bytes >= unit.bytes && bytes%unit.bytes == 0 {
			return strconv.FormatInt(bytes/unit.bytes, 10) + unit.name
		}
		if bytes >= unit.bytes {
			return strconv.FormatFloat(float64(bytes)/float64(unit.bytes), 'f', 1, 64) + unit.name
		}
	}
	return strconv.FormatInt(bytes, 10) + "B"
}
