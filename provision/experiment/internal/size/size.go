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

// largest is where JavaScript stops counting, and with it the controller.
const largest = 1<<53 - 1

// Parse gives the bytes that text stands for, as the controller does (test/fixtures/contract/sizes.json): a number,
// with a fraction of at most six digits, and a unit, with a blank between them or none.
func Parse(text string) (int64, error) {
	trimmed := strings.TrimSpace(text)
	digits := strings.TrimRight(trimmed, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
	unit, known := units[strings.ToLower(trimmed[len(digits):])]
	if !known {
		return 0, fmt.Errorf("%q is not a size: unknown unit %q (use B, K, KiB, KB, M, MiB, MB, G, GiB, GB, T, TiB, TB)", text, trimmed[len(digits):])
	}
	if digits != trimmed {
		digits = strings.TrimSuffix(digits, " ")
	}
	bytes, ok := scale(digits, unit)
	if !ok {
		return 0, fmt.Errorf("%q is not a size: want a number and a unit, such as 32MiB or 1.5GiB", text)
	}
	if bytes > largest {
		return 0, fmt.Errorf("%q is more bytes than can be counted", text)
	}
	return bytes, nil
}

const (
	maxWhole    = 16
	maxFraction = 6
)

// scale multiplies a decimal number; not ok for what is none, and for what comes to less than a byte.
func scale(digits string, unit int64) (bytes int64, ok bool) {
	parts := strings.SplitN(digits, ".", 2)
	whole, ok := decimal(parts[0], maxWhole)
	if !ok || whole > math.MaxInt64/2/unit {
		// Too many bytes is said, not taken for no number.
		return math.MaxInt64, ok
	}
	bytes = whole * unit
	if len(parts) == 2 {
		fraction, ok := decimal(parts[1], maxFraction)
		if !ok {
			return 0, false
		}
		tenth := int64(math.Pow10(len(parts[1])))
		bytes += fraction * (unit / tenth)
		bytes += fraction * (unit % tenth) / tenth
	}
	return bytes, bytes > 0
}

// decimal reads digits and nothing else.
func decimal(digits string, most int) (int64, bool) {
	if digits == "" || len(digits) > most || strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	number, err := strconv.ParseInt(digits, 10, 64)
	return number, err == nil
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
