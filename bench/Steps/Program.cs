using BenchmarkDotNet.Running;

BenchmarkSwitcher.FromAssembly(typeof(MnistLstm.Steps.Pictures).Assembly).Run(args);
