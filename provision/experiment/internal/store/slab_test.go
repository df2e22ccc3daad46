package store

import "testing"

func TestObjectsAreReleasedOneByOne(t *testing.T) {
	store := New(unknown)
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
