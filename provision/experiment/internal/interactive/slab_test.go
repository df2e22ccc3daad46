package interactive

import (
	"net/http"
	"testing"
)

func TestObjectsAreReleasedOneByOne(t *testing.T) {
	store := NewStore(unknown)
	store.AddObjects(100000, 64)
	if bytes, slabs := store.Retained(); bytes != 100000 || slabs != 1 {
		t.Fatalf("kept %d bytes in %d slabs", bytes, slabs)
	}
	done := store.Release(1000)
	if bytes, _ := store.Retained(); done.Released < 1000 || done.Released > 1064 || bytes != 100000-done.Released {
		t.Errorf("released %+v, kept %d", done, bytes)
	}
	if done := store.Release(1 << 20); done.NotReleased == 0 {
		t.Errorf("released more than there was: %+v", done)
	}
	if bytes, slabs := store.Retained(); bytes != 0 || slabs != 0 {
		t.Errorf("kept %d bytes in %d slabs", bytes, slabs)
	}
}

func TestAddRefusesObjectsThatCannotBe(t *testing.T) {
	base, _ := serving(t, unknown)
	for query, want := range map[string]int{
		"bytes=1000&each=64": 200, "bytes=1000&each=0": 400, "bytes=1000&each=-1": 400, "bytes=1000&each=1001": 400,
		"bytes=1000&each=x": 400, "bytes=1000&each=1&each=2": 400,
	} {
		response, err := http.Get(base + "/add?" + query)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%s: status %d, want %d", query, response.StatusCode, want)
		}
	}
}
