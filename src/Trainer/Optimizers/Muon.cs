using MnistLstm.Shared;
using MnistLstm.Trainer.Network;
using MnistLstm.Trainer.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace MnistLstm.Trainer.Optimizers;

/// <summary>
/// Muon (Jordan et al., 2024) for chosen matrices, which move along their orthogonalized mean gradient. All other
/// weights move by AdamW (Kingma and Ba, 2015; Loshchilov and Hutter, 2019); without chosen matrices it is AdamW. It
/// works on one flat vector of the trained weights, of which it keeps a moving average.
/// </summary>
/// <param name="parameters">The trained weights, float32; changed by each step.</param>
/// <param name="matrices">Parts of the flat vector that move by Muon's rule.</param>
public sealed class Muon(
    IReadOnlyList<Tensor> parameters, TrainingOptions options, params IReadOnlyList<GateMatrices> matrices)
    : IDisposable
{
    // Fields, not temporaries: see TensorExtensions.
    private readonly Scalar _keptMean = (float)options.Beta1;
    private readonly Scalar _newMean = 1 - (float)options.Beta1;
    private readonly Scalar _keptSquare = (float)options.Beta2;
    private readonly Scalar _newSquare = 1 - (float)options.Beta2;
    private readonly Scalar _epsilon = (float)options.Epsilon;
    private readonly Tensor _values = Join(parameters, p => p.flatten()); // [P]
    private readonly Tensor _mean = Join(parameters, p => zeros(p.numel())); // [P], of the gradient
    private readonly Tensor _square = Join(parameters, p => zeros(p.numel())); // [P], of the gradient's square
    private readonly Tensor _average = Join(parameters, p => p.flatten()); // [P], of the values

    // [P], 1 where weight decay applies (matrices), else 0
    private readonly Tensor _decayed = Join(parameters, p => full(p.numel(), p.dim() > 1 ? 1f : 0f));
    private long _steps;

    /// <summary>The optimizer of a network: Muon moves its gates' matrices if the recipe has a rate for them.</summary>
    public static Muon Of(LstmClassifier network, TrainingOptions options)
    {
        long hidden = network.HiddenSize;
        var input = new GateMatrices(Start: 0, Gates: 4, Rows: hidden, Columns: RowSequence.Features);
        var recurrent = new GateMatrices(Start: input.Length, Gates: 4, Rows: hidden, Columns: hidden);
        return options.MatrixRate > 0
            ? new Muon(network.TrainedWeights, options, input, recurrent)
            : new Muon(network.TrainedWeights, options);
    }

    /// <param name="gradient">[P]; shortened in place where it is too long.</param>
    public void Step(Tensor gradient, double learningRate)
    {
        using DisposeScope scope = NewDisposeScope();
        using var noGrad = no_grad();
        Shorten(gradient);
        _steps++;
        _mean.mul_(_keptMean).add_(gradient, _newMean);
        _square.mul_(_keptSquare).addcmul_(gradient, gradient, _newSquare);
        if (options.WeightDecay > 0)
        {
            using Scalar shrinkage = (float)(-learningRate * options.WeightDecay);
            _values.addcmul_(_values, _decayed, shrinkage);
        }

        Move(gradient, learningRate);
        if (options.AverageDecay > 0)
        {
            // A young average forgets faster, so that the initial values are soon out of it.
            double decay = Math.Min(options.AverageDecay, (1.0 + _steps) / (10.0 + _steps));
            using Scalar kept = (float)decay;
            using Scalar added = (float)(1 - decay);
            _average.mul_(kept).add_(_values, added);
        }

        CopyToParameters(_values);
    }

    /// <summary>Computes with the moving average in the parameters' place, if there is one.</summary>
    public T WithAverage<T>(Func<T> compute)
    {
        if (options.AverageDecay == 0)
        {
            return compute();
        }

        CopyToParameters(_average);
        T result = compute();
        CopyToParameters(_values);
        return result;
    }

    /// <summary>Ends training: the parameters become the moving average, if there is one.</summary>
    public void Finish()
    {
        if (options.AverageDecay > 0)
        {
            CopyToParameters(_average);
        }
    }

    public void Save(BinaryWriter writer)
    {
        writer.Write(_steps);
        State.Save(writer);
    }

    public void Load(BinaryReader reader)
    {
        _steps = reader.ReadInt64();
        State.Load(reader);
        CopyToParameters(_values);
    }

    public void Dispose()
    {
        foreach (Tensor vector in State)
        {
            vector.Dispose();
        }

        _decayed.Dispose();
    }

    private void Shorten(Tensor gradient)
    {
        if (options.GradientClip > 0 && gradient.norm().item<float>() is var norm && norm > options.GradientClip)
        {
            using Scalar shortening = (float)(options.GradientClip / norm);
            gradient.mul_(shortening);
        }
    }

    private void Move(Tensor gradient, double learningRate)
    {
        double meanCorrection = 1 - Math.Pow((float)options.Beta1, _steps);
        using Scalar squareScale = (float)(1 / Math.Sqrt(1 - Math.Pow((float)options.Beta2, _steps)));
        Tensor root = _square.sqrt().mul_(squareScale).AddInPlace(_epsilon);
        if (matrices.Count == 0)
        {
            using Scalar adamRate = (float)(-learningRate / meanCorrection);
            _values.addcdiv_(_mean, root, adamRate);
            return;
        }

        ScalarType type = options.Format.ToScalarType();
        using Scalar meanScale = (float)meanCorrection;
        Tensor update = _mean / root / meanScale;
        foreach (GateMatrices m in matrices)
        {
            // Nesterov's look-ahead: the mean as it would be after the same gradient once more.
            Tensor ahead = (gradient.narrow(0, m.Start, m.Length) * _newMean)
                .Plus(_mean.narrow(0, m.Start, m.Length) * _keptMean);
            Tensor step = NewtonSchulz.Orthogonalize(ahead.view(m.Gates, m.Rows, m.Columns), type).flatten();
            using Scalar size = (float)(options.MatrixRate * Math.Sqrt(Math.Max(m.Rows, m.Columns)));
            update.narrow(0, m.Start, m.Length).copy_(step * size);
        }

        using Scalar rate = (float)-learningRate;
        _values.add_(update, rate);
    }

    private static Tensor Join(IReadOnlyList<Tensor> parameters, Func<Tensor, Tensor> part)
    {
        using DisposeScope scope = NewDisposeScope();
        using var noGrad = no_grad();
        return cat([.. parameters.Select(part)]).clone().DetachFromDisposeScope(); // cat returns a single part itself
    }

    private Tensor[] State => [_values, _mean, _square, _average];

    private void CopyToParameters(Tensor flat)
    {
        using DisposeScope scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor[] parts = flat.split([.. parameters.Select(parameter => parameter.numel())]);
        foreach ((Tensor parameter, Tensor values) in parameters.Zip(parts))
        {
            parameter.copy_(values.view(parameter.shape));
        }
    }
}
