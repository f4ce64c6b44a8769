using MnistLstm.Shared;
using MnistLstm.Trainer.Network;
using MnistLstm.Trainer.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace MnistLstm.Trainer.Optimizers;

/// <summary>
/// Muon (Jordan et al., 2024) for chosen matrices, which move along their orthogonalized mean gradient, and AdamW
/// (Kingma and Ba, 2015; Loshchilov and Hutter, 2019) for all other weights; without chosen matrices it is AdamW. It
/// works on one flat vector of the trained weights, of which it keeps a moving average.
/// </summary>
public sealed class Muon : IDisposable
{
    private readonly IReadOnlyList<Tensor> _parameters;
    private readonly TrainingOptions _options;
    private readonly IReadOnlyList<GateMatrices> _matrices;

    // None is a temporary, see TensorExtensions.
    private readonly Scalar _keptMean;
    private readonly Scalar _newMean;
    private readonly Scalar _keptSquare;
    private readonly Scalar _newSquare;
    private readonly Scalar _epsilon;
    private readonly Tensor _values; // [P]
    private readonly Tensor _mean; // [P], of the gradient
    private readonly Tensor _square; // [P], of the gradient's square
    private readonly Tensor _average; // [P], of the values
    private readonly Tensor _decayed; // [P], 1 where weight decay applies (matrices), else 0
    private long _steps;

    /// <param name="parameters">The trained weights, float32; changed by each step.</param>
    /// <param name="matrices">Parts of the flat vector that move by Muon's rule.</param>
    public Muon(IReadOnlyList<Tensor> parameters, TrainingOptions options, params IReadOnlyList<GateMatrices> matrices)
    {
        _parameters = parameters;
        _options = options;
        _matrices = matrices;
        _keptMean = (float)options.Beta1;
        _newMean = 1 - (float)options.Beta1;
        _keptSquare = (float)options.Beta2;
        _newSquare = 1 - (float)options.Beta2;
        _epsilon = (float)options.Epsilon;
        using DisposeScope scope = NewDisposeScope();
        using var noGrad = no_grad();
        _values = cat([.. parameters.Select(p => p.flatten())]).DetachFromDisposeScope();
        _decayed = cat([.. parameters.Select(p => full(p.numel(), p.dim() > 1 ? 1f : 0f))]).DetachFromDisposeScope();
        _mean = zeros_like(_values).DetachFromDisposeScope();
        _square = zeros_like(_values).DetachFromDisposeScope();
        _average = _values.clone().DetachFromDisposeScope();
    }

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
        if (_options.WeightDecay > 0)
        {
            using Scalar shrinkage = (float)(-learningRate * _options.WeightDecay);
            _values.addcmul_(_values, _decayed, shrinkage);
        }

        Move(gradient, learningRate);
        if (_options.AverageDecay > 0)
        {
            // A young average forgets faster, so that the initial values are soon out of it.
            double decay = Math.Min(_options.AverageDecay, (1.0 + _steps) / (10.0 + _steps));
            using Scalar kept = (float)decay;
            using Scalar added = (float)(1 - decay);
            _average.mul_(kept).add_(_values, added);
        }

        CopyToParameters(_values);
    }

    /// <summary>Computes with the moving average in the parameters' place, if there is one.</summary>
    public T WithAverage<T>(Func<T> compute)
    {
        if (_options.AverageDecay == 0)
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
        if (_options.AverageDecay > 0)
        {
            CopyToParameters(_average);
        }
    }

    public void Save(BinaryWriter writer)
    {
        writer.Write(_steps);
        foreach (Tensor vector in State)
        {
            writer.Write(vector.bytes);
        }
    }

    public void Load(BinaryReader reader)
    {
        _steps = reader.ReadInt64();
        foreach (Tensor vector in State)
        {
            vector.bytes = reader.ReadBytes((int)vector.numel() * sizeof(float));
        }

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
        if (_options.GradientClip > 0 && gradient.norm().item<float>() is var norm && norm > _options.GradientClip)
        {
            using Scalar shortening = (float)(_options.GradientClip / norm);
            gradient.mul_(shortening);
        }
    }

    private void Move(Tensor gradient, double learningRate)
    {
        double meanCorrection = 1 - Math.Pow((float)_options.Beta1, _steps);
        using Scalar squareScale = (float)(1 / Math.Sqrt(1 - Math.Pow((float)_options.Beta2, _steps)));
        Tensor root = _square.sqrt().mul_(squareScale).AddInPlace(_epsilon);
        if (_matrices.Count == 0)
        {
            using Scalar adamRate = (float)(-learningRate / meanCorrection);
            _values.addcdiv_(_mean, root, adamRate);
            return;
        }

        ScalarType type = _options.Format.ToScalarType();
        using Scalar meanScale = (float)meanCorrection;
        Tensor update = _mean / root / meanScale;
        foreach (GateMatrices m in _matrices)
        {
            // Nesterov's look-ahead: the mean as it would be after the same gradient once more.
            Tensor ahead = (gradient.narrow(0, m.Start, m.Length) * _newMean)
                .Plus(_mean.narrow(0, m.Start, m.Length) * _keptMean);
            Tensor step = NewtonSchulz.Orthogonalize(ahead.view(m.Gates, m.Rows, m.Columns), type).flatten();
            using Scalar size = (float)(_options.MatrixRate * Math.Sqrt(Math.Max(m.Rows, m.Columns)));
            update.narrow(0, m.Start, m.Length).copy_(step * size);
        }

        using Scalar rate = (float)-learningRate;
        _values.add_(update, rate);
    }

    private Tensor[] State => [_values, _mean, _square, _average];

    private void CopyToParameters(Tensor flat)
    {
        using DisposeScope scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor[] parts = flat.split([.. _parameters.Select(parameter => parameter.numel())]);
        foreach ((Tensor parameter, Tensor values) in _parameters.Zip(parts))
        {
            parameter.copy_(values.view(parameter.shape));
        }
    }
}
