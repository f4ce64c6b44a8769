using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using MnistLstm.Steps;
using Perfolizer.Horology;

switch (args)
{
    case ["models"]:
        ModelCost.Run(Console.Out);
        return;
    case ["decoders"]:
        Decoders.Run(Console.Out);
        return;
    case ["decoders", var picture]:
        Console.WriteLine(Decoders.PeakMemory(File.ReadAllBytes(picture)));
        return;
}

BenchmarkSwitcher.FromAssembly(typeof(MnistLstm.Steps.Pictures).Assembly).Run(
    args, DefaultConfig.Instance.WithSummaryStyle(SummaryStyle.Default.WithTimeUnit(TimeUnit.Microsecond)));
