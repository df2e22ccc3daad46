package size

import (
	"testing"

	"gclab/gcexp/internal/contract"
)

func TestSizesAreReadAsTheControllerReadsThem(t *testing.T) {
	var table struct {
		Cases []struct {
			Text  string
			Bytes *int64
		}
	}
	if err := contract.Read("sizes.json", &table); err != nil || len(table.Cases) < 30 {
		t.Fatal(len(table.Cases), err)
	}
	for _, c := range table.Cases {
		got, err := Parse(c.Text)
		if c.Bytes == nil && err == nil {
			t.Errorf("Parse(%q) = %d, want an error", c.Text, got)
		}
		if c.Bytes != nil && (err != nil || got != *c.Bytes) {
			t.Errorf("Parse(%q) = %d, %v; want %d", c.Text, got, err, *c.Bytes)
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
