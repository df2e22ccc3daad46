//go:build go1.25
// +build go1.25

// The go line of go.mod says 1.15, so that every Go builds this, and newer ones then switch off what came
// later. How many processors the collector gets is part of the experiment: leave it as each Go has it.

//go:debug containermaxprocs=1
//go:debug updatemaxprocs=1

package main
