using BenchmarkDotNet.Running;

BenchmarkSwitcher.FromAssembly(typeof(MnistLstm.Steps.PathOfADigit).Assembly).Run(args);
