using MnistLstm.Trainer.Data;
using MnistLstm.Trainer.Recipes;
using MnistLstm.Trainer.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MnistLstm.Trainer.Tests.Training;

public sealed class AffineWarpTests
{
    private static readonly TrainingOptions Still = new() { Preset = "test" };

    [Fact]
    public void Without_augmentation_ranges_nothing_changes()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = Batch.Rows(TestDigits.Bars(3, stream: 1), [0, 1, 2]);

        ReferenceEquals(AffineWarp.Apply(rows, Still, step: 1), rows).ShouldBeTrue();
    }

    [Fact]
    public void A_shift_moves_the_ink_and_keeps_its_amount()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = Batch.Rows(TestDigits.Bars(20, stream: 1), [.. Enumerable.Range(0, 20)]);

        Tensor moved = AffineWarp.Apply(rows, Still with { Shift = 2 }, step: 1);

        float[] before = Values(rows.sum([1, 2]));
        float[] after = Values(moved.sum([1, 2]));
        after.Zip(before, (a, b) => Math.Abs(a - b)).ShouldAllBe(difference => difference < 1e-3f);
        Values(moved).ShouldNotBe(Values(rows));
    }

    [Fact]
    public void The_step_determines_the_warp()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = Batch.Rows(TestDigits.Bars(3, stream: 1), [0, 1, 2]);
        TrainingOptions options = Still with { Rotation = 20, Scale = 0.1, Shift = 1 };

        float[] once = Values(AffineWarp.Apply(rows, options, step: 1));

        Values(AffineWarp.Apply(rows, options, step: 1)).ShouldBe(once);
        Values(AffineWarp.Apply(rows, options, step: 2)).ShouldNotBe(once);
    }

    private static float[] Values(Tensor tensor) => [.. tensor.contiguous().data<float>()];
}
