package store

import (
	"runtime"
	"testing"
)

func unknown() (int64, bool) { return 0, false }

func live() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestReleaseMakesMemoryCollectableAlsoPartOfASlab(t *testing.T) {
	store := New(unknown)
	before := live()
	store.Add(8 << 20)
	store.Add(8 << 20)
	if got := store.Release(12 << 20); got != (Released{Released: 12 << 20}) {
		t.Fatalf("%+v", got)
	}
	if left := live() - before; left < 4<<20-64<<10 || left > 5<<20 {
		t.Fatalf("%d bytes are left of 4 MiB", left)
	}
	if got := store.Release(5 << 20); got != (Released{Released: 4 << 20, NotReleased: 1 << 20}) {
		t.Fatalf("%+v", got)
	}
	if after := live(); after > before+1<<20 {
		t.Fatalf("%d bytes are left of nothing", after-before)
	}
}

func TestReleasingPartCollectsWhenBothSlabsDoNotFit(t *testing.T) {
	store := New(func() (int64, bool) { return 1 << 20, true })
	store.Add(8 << 20)
	if got := store.Release(1 << 20); !got.Collected || got.Released != 1<<20 {
		t.Fatalf("%+v", got)
	}
	if bytes, slabs := store.Retained(); bytes != 7<<20 || slabs != 1 {
		t.Fatal(bytes, slabs)
	}
}
