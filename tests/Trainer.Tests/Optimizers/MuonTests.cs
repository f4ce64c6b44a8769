using MnistLstm.Trainer.Network;
using MnistLstm.Trainer.Optimizers;
using MnistLstm.Trainer.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace MnistLstm.Trainer.Tests.Optimizers;

public sealed class MuonTests
{
    /// <summary>
    /// Jordan's five steps bring singular values from 0.01 to 1 roughly to 1: into 0.7 to 1.2, and bfloat16 adds noise.
    /// </summary>
    private const double LeastSingularValue = 0.5;
    private const double MostSingularValue = 1.3;

    [Theory]
    [InlineData(32, 28)]
    [InlineData(32, 32)]
    public void A_matrix_moves_alike_in_all_directions_of_its_gradient(int rows, int columns)
    {
        const double rate = 0.01;
        using DisposeScope scope = NewDisposeScope();
        using var generator = new Generator(1);
        Tensor matrix = zeros([rows, columns], requires_grad: true);
        TrainingOptions options = TrainingOptions.Best with { MatrixRate = 1, GradientClip = 0 };
        using var optimizer = new Muon([matrix], options, new GateMatrices(Start: 0, Gates: 1, rows, columns));

        optimizer.Step(randn([rows * columns], generator: generator), rate);

        using Scalar unit = -rate * Math.Sqrt(rows);
        using var noGrad = no_grad();
        float[] singularValues = linalg.svdvals(matrix / unit).data<float>().ToArray();
        singularValues.Max().ShouldBeLessThan((float)MostSingularValue);
        singularValues.Order().Skip(columns / 4).First().ShouldBeGreaterThan((float)LeastSingularValue);
    }

    [Fact]
    public void Weights_other_than_matrices_follow_Adam_s_rule()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] ofAdam = [zeros([2, 2], requires_grad: true), zeros([3], requires_grad: true)];
        Tensor[] ofMuon = [zeros([2, 2], requires_grad: true), zeros([3], requires_grad: true)];
        TrainingOptions options = TrainingOptions.Best with { NumberFormat = NumberFormat.Float32, WeightDecay = 0 };
        using var adam = new Muon(ofAdam, options);
        using var muon = new Muon(ofMuon, options, new GateMatrices(Start: 0, Gates: 1, Rows: 2, Columns: 2));
        foreach (float[] gradient in new float[][] { [1, 2, 3, 4, 0.1f, -0.2f, 0.3f], [4, 1, 3, 2, 0.3f, 0.2f, -0.1f] })
        {
            adam.Step(tensor(gradient), learningRate: 0.1);
            muon.Step(tensor(gradient), learningRate: 0.1);
        }

        const double rounding = 1e-6; // of the same operations in another order
        ofMuon[1].data<float>().ToArray().ShouldBe(ofAdam[1].data<float>().ToArray(), rounding);
        ofMuon[0].data<float>().ToArray().ShouldNotBe(ofAdam[0].data<float>().ToArray());
    }
}
