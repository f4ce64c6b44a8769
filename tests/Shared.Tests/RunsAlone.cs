namespace MnistLstm.Shared.Tests;

/// <summary>Tests that measure the process: no other test runs meanwhile.</summary>
[CollectionDefinition(nameof(RunsAlone), DisableParallelization = true)]
public sealed class RunsAlone;
