// Package store is what a trial's process keeps alive on its heap.
package store

import (
	"runtime"
	"sync"
)

// Store holds the slabs that are kept alive, oldest first. It is safe for concurrent use.
type Store struct {
	mutex sync.Mutex
	slabs []slab
	// room tells how many bytes the cgroup's limit leaves; nil when that is not known.
	room func() (bytes int64, known bool)
}

// New makes an empty one; room tells how many bytes the limit leaves.
func New(room func() (bytes int64, known bool)) *Store { return &Store{room: room} }

// Released tells what a release did.
type Released struct {
	Released    int64 `json:"released"`
	NotReleased int64 `json:"notReleased"`
	// Collected tells that part of a slab was released and that a collection had to make the room
	// for what stays of it.
	Collected bool `json:"collected"`
}

// Add allocates a slab of its own and keeps it.
func (s *Store) Add(bytes int64) {
	if bytes > 0 {
		s.keep(wholeSlab(bytes))
	}
}

// AddObjects allocates as many objects of a size as make so many bytes, and keeps them.
func (s *Store) AddObjects(bytes, each int64) {
	if bytes > 0 {
		s.keep(partedSlab(bytes, each))
	}
}

func (s *Store) keep(one slab) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.slabs = append(s.slabs, one)
}

// Release lets go of as many bytes as asked for, oldest first. Go frees whole objects only, so what
// stays of a slab that is released in part moves to a smaller one; of small objects it lets go of one
// more where it does not come out even.
func (s *Store) Release(bytes int64) Released {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	left := bytes
	for len(s.slabs) > 0 && left >= s.slabs[0].bytes {
		left -= s.slabs[0].bytes
		s.dropFirst()
	}
	if left == 0 || len(s.slabs) == 0 {
		return Released{Released: bytes - left, NotReleased: left}
	}
	if s.slabs[0].each > 0 {
		return Released{Released: bytes - left + s.slabs[0].drop(left)}
	}
	return Released{Released: bytes, Collected: s.shrinkFirst(left)}
}

func (s *Store) dropFirst() {
	// The array behind the slice would keep the slab alive.
	s.slabs[0] = slab{}
	s.slabs = s.slabs[1:]
}

// shrinkFirst replaces the oldest slab by one that is smaller. The bytes mean nothing, so they are
// not copied: the old slab is garbage before the new one is made, and where both together would go
// through the limit it is collected first.
func (s *Store) shrinkFirst(by int64) (collected bool) {
	stays := s.slabs[0].bytes - by
	s.slabs[0] = slab{}
	const spare = 1 << 20
	if room, known := s.room(); known && room < stays+spare {
		runtime.GC()
		collected = true
	}
	s.slabs[0] = wholeSlab(stays)
	return collected
}

// Reset lets go of everything and says how many bytes that was.
func (s *Store) Reset() int64 {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	bytes := s.retained()
	s.slabs = nil
	return bytes
}

// Retained is how many bytes are kept, in how many slabs.
func (s *Store) Retained() (bytes int64, slabs int) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.retained(), len(s.slabs)
}

func (s *Store) retained() int64 {
	bytes := int64(0)
	for _, slab := range s.slabs {
		bytes += slab.bytes
	}
	return bytes
}
