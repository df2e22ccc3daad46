package interactive

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
)

// KeyHeader names a request by its session and its number in it, as in `k3f9-17`. Each number is done once, and
// none after a later one: it is refused. So who sees in the journal that a later one was answered, and an earlier one
// never begun, knows for certain that it never will be, however long its bytes are under way; it can be sent again.
const KeyHeader = "Gclab-Request-Key"

// maxSessions bounds what is kept: there are as many as times somebody began to drive.
const maxSessions = 1000

// sessions have the last number of each.
type sessions struct {
	mutex sync.Mutex
	last  map[string]uint64
}

// admit has `begin` done where no later request of the session has begun, before any later one is admitted. A
// request without a key always is.
func (s *sessions) admit(key string, begin func()) (status int, refused error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if key != "" {
		session, number, ok := parseKey(key)
		last, known := s.last[session]
		switch {
		case !ok:
			return 400, fmt.Errorf("'%s' is %.40q: want a session and a number, as in k3f9-17", KeyHeader, key)
		case !known && len(s.last) >= maxSessions:
			return 400, fmt.Errorf("'%s' names one session more than the %d that are kept", KeyHeader, maxSessions)
		case known && number <= last:
			return 409, fmt.Errorf("request %d was overtaken: this session has had request %d", number, last)
		}
		s.last[session] = number
	}
	begin()
	return 0, nil
}

// maxSession is how long the name of a session may be.
const maxSession = 32

func parseKey(key string) (session string, number uint64, ok bool) {
	parts := strings.SplitN(key, "-", 2)
	if len(parts) != 2 || parts[0] == "" || len(parts[0]) > maxSession {
		return "", 0, false
	}
	// ParseUint takes no sign and no blank, and 2^53 is where JavaScript stops counting.
	number, err := strconv.ParseUint(parts[1], 10, 53)
	return parts[0], number, err == nil
}
