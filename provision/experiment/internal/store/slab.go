package store

// slab is what one addition keeps: one object, or as many as it takes of a size.
type slab struct {
	bytes int64
	whole []byte
	// parts are the objects, in rows, so that no list of them is itself a large object.
	parts [][][]byte
	each  int64
}

func wholeSlab(bytes int64) slab { return slab{bytes: bytes, whole: Touched(bytes)} }

// rowLength is how many objects stand in a row.
const rowLength = 512

// partedSlab allocates bytes as objects of each bytes; the last one is smaller where that does not
// come out even.
func partedSlab(bytes, each int64) slab {
	s := slab{bytes: bytes, each: each}
	for left := bytes; left > 0; left -= each {
		if len(s.parts) == 0 || len(s.parts[len(s.parts)-1]) == rowLength {
			s.parts = append(s.parts, make([][]byte, 0, rowLength))
		}
		row := &s.parts[len(s.parts)-1]
		*row = append(*row, Touched(min64(each, left)))
	}
	return s
}

// drop lets go of whole objects from the end, at least so many bytes' worth, and says how many.
func (s *slab) drop(atLeast int64) (dropped int64) {
	for dropped < atLeast && len(s.parts) > 0 {
		row := &s.parts[len(s.parts)-1]
		last := len(*row) - 1
		dropped += int64(len((*row)[last]))
		(*row)[last] = nil
		if *row = (*row)[:last]; last == 0 {
			s.parts[len(s.parts)-1] = nil
			s.parts = s.parts[:len(s.parts)-1]
		}
	}
	s.bytes -= dropped
	return dropped
}

// Touched allocates bytes on the heap and touches every page: fresh memory is not resident until written.
func Touched(bytes int64) []byte {
	slab := make([]byte, bytes)
	for i := range slab {
		slab[i] = 0xff
	}
	return slab
}

func min64(a, b int64) int64 {
	if a < b {
		return a
	}
	return b
}
