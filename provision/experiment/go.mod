module gclab/gcexp

go 1.15
