package main

import (
	"strconv"
	"strings"

	"gclab/gcexp/internal/size"
)

// checkGOGC refuses what the Go runtime would silently take for 100.
func checkGOGC(text string) error {
	if _, err := strconv.ParseInt(text, 10, 32); err != nil && text != "off" && text != "" {
		return wrongUsage("-gogc: %q is neither a percentage such as 100 nor off", text)
	}
	return nil
}

// goMemLimit gives a soft limit as the Go runtime reads it: it knows plain bytes and the binary units,
// and ends the process over anything else.
func goMemLimit(text string) (string, error) {
	if text == "" || text == "off" || text == "0" {
		return text, nil
	}
	bytes, err := size.Parse(text)
	if err != nil {
		return "", wrongUsage("-gomemlimit: %v; off is none", err)
	}
	for _, unit := range []string{"KiB", "MiB", "GiB", "TiB"} {
		if strings.Trim(strings.TrimSuffix(text, unit), "0123456789") == "" {
			return text, nil
		}
	}
	return strconv.FormatInt(bytes, 10), nil
}
