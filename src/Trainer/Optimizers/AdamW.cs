using MnistLstm.Trainer.Network;
using MnistLstm.Trainer.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace MnistLstm.Trainer.Optimizers;

/// <summary>
/// AdamW (Kingma and Ba, 2015; Loshchilov and Hutter, 2019) over one flat vector of all trained weights, with a moving
/// average of them. Its whole state is four vectors and a counter, so that a checkpoint of it is complete.
/// </summary>
public sealed class AdamW : IDisposable
{
    private readonly IReadOnlyList<Tensor> _parameters;
    private readonly TrainingOptions _options;
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

    /// <param name="parameters">What is trained, float32; changed by <see cref="Step"/>.</param>
    /// <param name="options">Betas, epsilon, decay, clipping, averaging.</param>
    public AdamW(IReadOnlyList<Tensor> parameters, TrainingOptions options)
    {
        _parameters = parameters;
        _options = options;
        _keptMean = options.Beta1;
        _newMean = 1 - options.Beta1;
        _keptSquare = options.Beta2;
        _newSquare = 1 - options.Beta2;
        _epsilon = options.Epsilon;
        using DisposeScope scope = NewDisposeScope();
        using var noGrad = no_grad();
        _values = cat([.. parameters.Select(p => p.flatten())]).DetachFromDisposeScope();
        _decayed = cat([.. parameters.Select(p => full(p.numel(), p.dim() > 1 ? 1f : 0f))]).DetachFromDisposeScope();
        _mean = zeros_like(_values).DetachFromDisposeScope();
        _square = zeros_like(_values).DetachFromDisposeScope();
        _average = _values.clone().DetachFromDisposeScope();
    }

    /// <summary>Forgets the gradients of the step before.</summary>
    public void ZeroGradients()
    {
        foreach (Tensor parameter in _parameters)
        {
            parameter.grad?.zero_();
        }
    }

    /// <summary>One update from the parameters' gradients.</summary>
    /// <param name="learningRate">Of this step.</param>
    public void Step(double learningRate)
    {
        using DisposeScope scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor gradient = cat([.. _parameters.Select(p => p.grad!.flatten())]);
        if (_options.GradientClip > 0)
        {
            double norm = gradient.norm().item<float>();
            if (norm > _options.GradientClip)
            {
                using Scalar shortening = _options.GradientClip / norm;
                gradient.mul_(shortening);
            }
        }

        _steps++;
        _mean.mul_(_keptMean).add_(gradient, _newMean);
        _square.mul_(_keptSquare).addcmul_(gradient, gradient, _newSquare);
        double meanCorrection = 1 - Math.Pow(_options.Beta1, _steps);
        double squareCorrection = 1 - Math.Pow(_options.Beta2, _steps);
        if (_options.WeightDecay > 0)
        {
            using Scalar shrinkage = -learningRate * _options.WeightDecay;
            _values.addcmul_(_values, _decayed, shrinkage);
        }

        using Scalar scale = Math.Sqrt(squareCorrection);
        using Scalar rate = -learningRate / meanCorrection;
        Tensor root = _square.sqrt().div_(scale).AddInPlace(_epsilon);
        _values.addcdiv_(_mean, root, rate);
        if (_options.AverageDecay > 0)
        {
            // A young average forgets faster, so that the initial values are soon out of it.
            double decay = Math.Min(_options.AverageDecay, (1.0 + _steps) / (10.0 + _steps));
            using Scalar kept = decay;
            using Scalar added = 1 - decay;
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
            byte[] bytes = reader.ReadBytes((int)vector.numel() * sizeof(float));
            vector.bytes = bytes;
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

    private Tensor[] State => [_values, _mean, _square, _average];

    private void CopyToParameters(Tensor flat)
    {
        using DisposeScope scope = NewDisposeScope();
        using var noGrad = no_grad();
        long start = 0;
        foreach (Tensor parameter in _parameters)
        {
            parameter.copy_(flat.narrow(0, start, parameter.numel()).view(parameter.shape));
            start += parameter.numel();
        }
    }
}
