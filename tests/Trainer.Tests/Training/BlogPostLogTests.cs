using MnistLstm.Trainer.Training;

namespace MnistLstm.Trainer.Tests.Training;

/// <summary>The lines of the post, to the character.</summary>
public sealed class BlogPostLogTests
{
    [Theory]
    [InlineData(10, 1.751291f, 55 / 128f, "step: 10 / loss: 1.751291 / acc: 0.42969")]
    // 0.828125: Python rounds a half to the even digit.
    [InlineData(90, 0.550008f, 106 / 128f, "step: 90 / loss: 0.550008 / acc: 0.82812")]
    [InlineData(170, 0.531190f, 109 / 128f, "step: 170 / loss: 0.531190 / acc: 0.85156")]
    [InlineData(510, 0.106913f, 126 / 128f, "step: 510 / loss: 0.106913 / acc: 0.98438")]
    [InlineData(780, 0.078913f, 123 / 128f, "step: 780 / loss: 0.078913 / acc: 0.96094")]
    [InlineData(1, 12.5f, 0, "step: 1 / loss: 12.500000 / acc: 0.00000")]
    public void A_line_equals_the_post_s(int step, float loss, float accuracy, string line) =>
        BlogPostLog.Line(new StepRecord(step, loss, accuracy)).ShouldBe(line);

    [Theory]
    [InlineData(126 / 128f, "Test Accuracy: 0.984375")]
    [InlineData(125 / 128f, "Test Accuracy: 0.9765625")]
    [InlineData(1, "Test Accuracy: 1.0")]
    public void The_last_line_equals_the_post_s(float accuracy, string line) =>
        BlogPostLog.TestAccuracy(accuracy).ShouldBe(line);
}
