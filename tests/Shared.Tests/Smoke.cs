namespace MnistLstm.Shared.Tests;

public sealed class Smoke
{
    [Fact]
    public void It_runs() => 1.ShouldBe(1);
}
