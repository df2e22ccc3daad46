package supervise

import (
	"testing"

	"gclab/gcexp/internal/contract"
)

func TestALineHasNoMoreSamplesThanTheControllerReads(t *testing.T) {
	var bounds struct{ SamplesPerLine int }
	if err := contract.Read("bounds.json", &bounds); err != nil || bounds.SamplesPerLine != batch {
		t.Fatal(bounds, err)
	}
}
