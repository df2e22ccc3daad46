package interactive

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"
)

// keepAlive is how long an idle connection stays open.
const keepAlive = 60 * time.Second

// Serve answers until somebody asks for the end.
func Serve(listener net.Listener, routes *Routes) error {
	server := &http.Server{Handler: routes, IdleTimeout: keepAlive, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 16 << 10}
	done := make(chan error, 1)
	go func() {
		<-routes.Quit()
		// Answers under way are finished, a client that never reads is not waited for.
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		done <- server.Shutdown(ctx)
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	<-done
	return nil
}
