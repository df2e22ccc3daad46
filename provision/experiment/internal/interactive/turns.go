package interactive

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
)

// TurnHeader numbers the requests of a session, as in `k3f9-17`. Each has its turn once: what comes
// after one with a later number is refused. So who sees in the journal that a later one was answered,
// and an earlier one never begun, knows for certain that it never will be, however long its bytes stay
// on their way; it can be asked for again.
const TurnHeader = "Gclab-Turn"

// maxSessions bounds what is kept: there are as many as times somebody began to drive.
const maxSessions = 1000

// turns are the last that each session had.
type turns struct {
	mutex sync.Mutex
	last  map[string]uint64
}

// take has `begin` done where it is this turn's time, before any later turn is taken. Without a turn
// it always is.
func (ts *turns) take(turn string, begin func()) (status int, refused error) {
	ts.mutex.Lock()
	defer ts.mutex.Unlock()
	if turn != "" {
		session, number, ok := parseTurn(turn)
		last, known := ts.last[session]
		switch {
		case !ok || !known && len(ts.last) >= maxSessions:
			return 400, fmt.Errorf("'%s' is %.40q: want a session and a number, as in k3f9-17", TurnHeader, turn)
		case known && number <= last:
			return 409, fmt.Errorf("turn %d was overtaken: this session has had turn %d", number, last)
		}
		ts.last[session] = number
	}
	begin()
	return 0, nil
}

func parseTurn(turn string) (session string, number uint64, ok bool) {
	parts := strings.SplitN(turn, "-", 2)
	if len(parts) != 2 || parts[0] == "" || len(parts[0]) > 32 {
		return "", 0, false
	}
	number, err := strconv.ParseUint(parts[1], 10, 63)
	return parts[0], number, err == nil
}
