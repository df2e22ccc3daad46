package main

import (
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"gclab/gcexp/internal/fault"
)

// bridgeGreeting is what stands between the noise of a login shell and the first byte that was sent.
const bridgeGreeting = "gcexp-bridge 1"

// bridge joins stdin and stdout to a port of this guest's loopback, for servers that forbid forwarding.
// It ends when either side does.
func bridge(args []string) error {
	flags := flag.NewFlagSet("bridge", flag.ContinueOnError)
	port := flags.Int("port", 0, "")
	if err := parse(flags, args); err != nil {
		return err
	}
	if *port < 1 || *port > 65535 {
		return wrongUsage("-port %d is not between 1 and 65535", *port)
	}
	connection, err := net.DialTimeout("tcp", loopback(*port), 10*time.Second)
	if err != nil {
		return fault.Wrap("failed", "reaching port "+fmt.Sprint(*port), err, "nothing listens there")
	}
	defer connection.Close()
	fmt.Println(bridgeGreeting)
	gone := make(chan error, 1)
	go func() {
		_, err := io.Copy(os.Stdout, connection)
		gone <- err
	}()
	go func() {
		_, err := io.Copy(connection, os.Stdin)
		_ = connection.(*net.TCPConn).CloseWrite()
		if err != nil {
			gone <- err
		}
	}()
	<-gone
	return nil
}
