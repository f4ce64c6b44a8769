using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using MnistLstm.Steps;
using Perfolizer.Horology;

if (args is ["models"])
{
    ModelCost.Run(Console.Out);
    return;
}

if (args is ["decoders"])
{
    Decoders.Run(Console.Out);
    return;
}

BenchmarkSwitcher.FromAssembly(typeof(MnistLstm.Steps.Pictures).Assembly).Run(
    args, DefaultConfig.Instance.WithSummaryStyle(SummaryStyle.Default.WithTimeUnit(TimeUnit.Microsecond)));
