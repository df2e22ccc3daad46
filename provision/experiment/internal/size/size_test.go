package size

import "testing"

func TestParse(t *testing.T) {
	for text, want := range map[string]int64{
		"33554432": 33554432, "32MiB": 33554432, "32M": 33554432, "32m": 33554432, "32MB": 32000000, "1k": 1024, "2GiB": 2 << 30, "0": 0, "5B": 5,
	} {
		if got, err := Parse(text); err != nil || got != want {
			t.Errorf("Parse(%q) = %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "M", "-1", "+1", "1.5M", "32 MiB", "32XB", "0x10", "$(id)", "32\n", "9223372036854775807K", "99999999999999999999"} {
		if got, err := Parse(text); err == nil {
			t.Errorf("Parse(%q) = %d, want an error", text, got)
		}
	}
}

func TestFormat(t *testing.T) {
	for bytes, want := range map[int64]string{33554432: "32MiB", 1310720: "1.2MiB", 512: "512B", 2 << 30: "2GiB"} {
		if got := Format(bytes); got != want {
			t.Errorf("Format(%d) = %s, want %s", bytes, got, want)
		}
	}
}
